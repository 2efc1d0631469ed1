// The page of the web chat: shows the talk as the server tells it, and sends what the person says until it has arrived.
//
// Lines come as server-sent events, each with its number; after a break the page asks for what follows the last number
// that it has. What the person says gets an id here, is kept in the tab until the server has it, and is posted again
// with the same id when no answer came, so that it counts once. Texts become nodes of text, never markup.
(() => {
  "use strict";
  const config = JSON.parse(document.getElementById("config").textContent);
  const say = config.say;
  const at = (id) => document.getElementById(id);
  const [talk, field, form, state, trouble, newer] = ["talk", "text", "write", "state", "trouble", "new"].map(at);
  const KEPT = "gem-saathi unsent";
  const ZONE = { timeZone: "Asia/Kolkata" };
  const locale = config.language === "hi" ? "hi-IN" : "en-IN";
  const clock = new Intl.DateTimeFormat(locale, { ...ZONE, hour: "numeric", minute: "2-digit" });
  const date = new Intl.DateTimeFormat(locale, { ...ZONE, day: "numeric", month: "long", year: "numeric" });
  const dayOf = new Intl.DateTimeFormat("en-CA", ZONE);
  const framed = new URLSearchParams(location.search).has("window") && parent !== window;

  // --- building what is shown ---------------------------------------------------------------------------------------

  const make = (tag, name, ...children) => {
    const element = document.createElement(tag);
    if (name) element.className = name;
    element.append(...children);
    return element;
  };

  // Addresses become links: https only, without the stop or bracket that follows them.
  const linked = (text) => {
    const parts = [];
    let from = 0;
    for (const found of text.matchAll(/https:\/\/[^\s<>"'“”]+/g)) {
      const address = found[0].replace(/[।॥.,;:!?)\]}*]+$/u, "");
      const link = make("a", "", address);
      link.href = address;
      link.target = "_blank";
      link.rel = "noopener noreferrer";
      parts.push(text.slice(from, found.index), link);
      from = found.index + address.length;
    }
    return [...parts, text.slice(from)];
  };

  const CLOCK = "M12 4a8 8 0 1 0 0 16a8 8 0 0 0 0-16M12 8v4l3 2";
  const TICK = "M4 12.5l5 5L20 7";
  const sign = (path) => {
    const space = "http://www.w3.org/2000/svg";
    const picture = document.createElementNS(space, "svg");
    picture.setAttribute("viewBox", "0 0 24 24");
    picture.setAttribute("aria-hidden", "true");
    const line = document.createElementNS(space, "path");
    for (const [name, value] of [["d", path], ["fill", "none"], ["stroke", "currentColor"], ["stroke-width", "2"]])
      line.setAttribute(name, value);
    picture.append(line);
    return picture;
  };

  const mark = (element, path, words) => {
    const meta = element.querySelector(".meta");
    meta.querySelectorAll("svg, .unseen").forEach((one) => one.remove());
    meta.append(sign(path));
    if (words) meta.append(make("span", "unseen", words));
  };

  const build = ({ text, mine, options, document: file, photo, at: when, id }) => {
    const bubble = make("div", "bubble", make("span", "unseen", `${mine ? say.you : say.bot} `), ...linked(text));
    if (file) {
      const words = say["save-file"].replace("{name}", file);
      const link = make("a", photo ? "photo" : "file", photo ? "" : words);
      link.href = `web/files/${id}`;
      link.setAttribute("download", file);
      if (photo) {
        const image = make("img");
        image.src = link.href;
        image.alt = words;
        image.loading = "lazy";
        link.append(image);
      }
      bubble[photo ? "prepend" : "append"](link);
    }
    if (when) {
      const time = make("time", "", clock.format(when));
      time.dateTime = new Date(when).toISOString();
      bubble.append(make("div", "meta", time));
    }
    const element = make("div", mine ? "line mine" : "line", bubble);
    if (options) {
      const group = make("div", options.length > 3 ? "options many" : "options");
      for (const [press, title] of options) {
        const button = make("button", "", title);
        button.type = "button";
        button.addEventListener("click", () => {
          button.classList.add("chosen");
          speak({ press, title });
        });
        group.append(button);
      }
      element.append(group);
    }
    return element;
  };

  // --- the talk -----------------------------------------------------------------------------------------------------

  let last = 0;
  let ready = false;
  const mineById = new Map(); // the person's messages that stand in the talk, by their id
  const numbered = []; // [number, element] in the order of the talk

  const atEnd = () => talk.scrollHeight - talk.scrollTop - talk.clientHeight < 40;
  const toEnd = () => { talk.scrollTop = talk.scrollHeight; newer.hidden = true; };
  let followed = -1;
  const follows = () => atEnd() || Math.abs(talk.scrollTop - followed) < 2;
  // Down to what is new, but never past the beginning of an answer that is longer than the screen.
  const follow = () => {
    const [asked] = [...talk.querySelectorAll(".mine")].slice(-1);
    talk.scrollTop = asked ? Math.min(talk.scrollHeight, asked.offsetTop - talk.offsetTop - 8) : talk.scrollHeight;
    followed = talk.scrollTop;
    newer.hidden = atEnd();
  };

  const dayName = (when) => {
    const day = dayOf.format(when);
    if (day === dayOf.format(Date.now())) return say.today;
    if (day === dayOf.format(Date.now() - 864e5)) return say.yesterday;
    return date.format(when);
  };
  const separate = () => {
    let before = "";
    for (const element of talk.querySelectorAll(".line[data-at]")) {
      const when = Number(element.dataset.at);
      const day = dayOf.format(when);
      let head = element.previousElementSibling;
      if (!head || !head.classList.contains("day")) head = null;
      if (day === before) {
        head?.remove();
      } else {
        if (!head) element.before(head = make("p", "day"));
        if (head.textContent !== dayName(when)) head.textContent = dayName(when);
        head.dataset.date = date.format(when);
      }
      before = day;
    }
  };

  // A line goes where its number says; what has none yet stands at the end.
  const place = (number, element) => {
    let here = numbered.length;
    while (here && numbered[here - 1][0] > number) here -= 1;
    const next = here < numbered.length ? numbered[here][1] : talk.querySelector(".line.unsent, .line.typing");
    numbered.splice(here, 0, [number, element]);
    if (element.parentNode !== talk || (next && element.nextElementSibling !== next)) talk.insertBefore(element, next);
  };

  const show = (line) => {
    if (line.id <= last) return;
    last = line.id;
    const following = follows();
    const known = line.mine && mineById.get(line.mine);
    const element = known || build(line);
    element.dataset.at = line.at;
    if (line.mine) {
      mineById.set(line.mine, element);
      element.classList.remove("unsent");
      mark(element, TICK);
      forget(line.mine);
    } else if (ready) typing(false);
    place(line.id, element);
    separate();
    if (!ready) toEnd();
    else if (following) follow();
    else if (!line.mine) newer.hidden = false;
  };

  // --- what the person says -----------------------------------------------------------------------------------------

  const store = {
    read() { try { return JSON.parse(sessionStorage.getItem(KEPT)) || []; } catch { return []; } },
    write(all) { try { sessionStorage.setItem(KEPT, JSON.stringify(all)); } catch { /* then this tab remembers */ } },
  };
  let unsent = store.read();
  let sending = false;
  let again = 0;
  let waits = 0;

  const keep = () => store.write(unsent);
  const forget = (id) => {
    const left = unsent.filter((message) => message.id !== id);
    if (left.length !== unsent.length) { unsent = left; keep(); }
  };

  const newId = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(15));
    return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_");
  };

  const pending = (message) => {
    const element = build({ text: message.text || message.title, mine: message.id, at: message.at });
    element.classList.add("unsent");
    element.dataset.at = message.at;
    mark(element, CLOCK, say.waiting);
    mineById.set(message.id, element);
    talk.insertBefore(element, talk.querySelector(".line.typing"));
  };

  const speak = (what) => {
    const message = { id: newId(), at: Date.now(), ...what };
    unsent.push(message);
    keep();
    pending(message);
    separate();
    complain("");
    toEnd();
    flush();
  };

  const later = (seconds) => {
    clearTimeout(again);
    again = setTimeout(flush, seconds * 1000);
  };

  const refuse = (message, words) => {
    forget(message.id);
    const element = mineById.get(message.id);
    if (element) { element.remove(); mineById.delete(message.id); }
    if (message.text && !field.value) { field.value = message.text; grow(); }
    complain(words);
    separate();
  };

  const post = async (message) => {
    const { at: _, ...body } = message;
    const answer = await fetch("web/messages", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout ? AbortSignal.timeout(40000) : undefined,
    });
    if (answer.status === 202) {
      forget(message.id);
      const element = mineById.get(message.id);
      if (element) mark(element, TICK);
      complain("");
      return true;
    }
    const words = await answer.json().then((told) => told.say, () => "");
    if (answer.status === 429 || answer.status >= 500) {
      complain(words);
      later(Number(answer.headers.get("Retry-After")) || 5);
    } else if (answer.status === 401) {
      complain(say["no-cookie"], true);
    } else {
      refuse(message, words || say["not-sent"]);
      return true;
    }
    return false;
  };

  const flush = async () => {
    clearTimeout(again);
    if (sending || !unsent.length || !ready) return;
    sending = true;
    try {
      while (unsent.length) {
        typing(true);
        if (!(await post(unsent[0]))) { typing(false); break; }
        waits = 0;
      }
    } catch {
      typing(false);
      waits += 1;
      later(Math.min(2 ** waits, 30));
    } finally {
      sending = false;
    }
  };

  const complain = (words, alone) => {
    trouble.textContent = words;
    if (!alone) return;
    const button = make("button", "", say["open-alone"]);
    button.type = "button";
    button.addEventListener("click", () => {
      if (framed) open("./", "_blank", "noopener"); else location.reload();
    });
    trouble.append(" ", button);
  };

  // --- the typing sign ----------------------------------------------------------------------------------------------

  const dots = make("div", "line typing", make("div", "bubble", make("i"), make("i"), make("i")));
  dots.setAttribute("aria-hidden", "true");
  let tired = 0;
  const typing = (shown) => {
    clearTimeout(tired);
    if (!shown) { dots.remove(); return; }
    const following = follows();
    talk.append(dots);
    if (following) follow();
    tired = setTimeout(() => dots.remove(), 12000);
  };

  // --- hearing the server -------------------------------------------------------------------------------------------

  let source = null;
  let tries = 0;
  let retry = 0;
  let silence = 0;

  const tell = (words) => { if (state.textContent !== words) state.textContent = words; };
  const alive = () => {
    clearTimeout(silence);
    silence = setTimeout(broken, 40000);
  };
  const broken = () => {
    clearTimeout(silence);
    clearTimeout(retry);
    source?.close();
    source = null;
    tell(navigator.onLine ? say.connecting : say.offline);
    const wait = Math.min(1000 * 2 ** tries, 30000) * (0.75 + Math.random() / 2);
    tries += 1;
    retry = setTimeout(listen, wait);
  };
  const listen = () => {
    clearTimeout(retry);
    source?.close();
    source = new EventSource(last ? `web/events?after=${last}` : "web/events");
    alive();
    source.addEventListener("message", (event) => { alive(); show(JSON.parse(event.data)); });
    source.addEventListener("beat", alive);
    source.addEventListener("stranger", () => {
      source.close();
      clearTimeout(silence);
      tell("");
      complain(say["no-cookie"], true);
    });
    source.addEventListener("ready", () => {
      alive();
      tries = 0;
      tell("");
      if (!ready) {
        ready = true;
        talk.removeAttribute("aria-busy");
        // What is older than this page and was not sent yet, unless the server has it.
        unsent.filter((message) => !mineById.has(message.id)).forEach(pending);
        separate();
        toEnd();
      }
      flush();
    });
    source.addEventListener("error", broken);
  };
  const hurry = () => {
    tries = 0;
    if (!source || source.readyState !== EventSource.OPEN) listen();
    else flush();
  };
  addEventListener("online", hurry);
  addEventListener("offline", broken);
  addEventListener("pageshow", (event) => { if (event.persisted) hurry(); });
  // A tab that nobody looks at lets go of its connection: browsers have six for all tabs, and phones a battery.
  let rest = 0;
  const pause = () => {
    clearTimeout(silence);
    clearTimeout(retry);
    source?.close();
    source = null;
  };
  document.addEventListener("visibilitychange", () => {
    clearTimeout(rest);
    if (document.hidden) {
      rest = setTimeout(pause, 60000);
    } else {
      separate();
      hurry();
    }
  });

  // --- writing ------------------------------------------------------------------------------------------------------

  const grow = () => {
    field.style.height = "";
    // As it is where one line is enough; fractions of a pixel are not told.
    if (field.scrollHeight > field.clientHeight + 1) field.style.height = `${field.scrollHeight + 2}px`;
  };
  field.addEventListener("input", grow);
  field.addEventListener("keydown", (event) => {
    // While an input method is still choosing letters, Enter is its own.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    at("send").click();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value.trim();
    field.focus();
    if (!text) return;
    field.value = "";
    grow();
    speak({ text });
  });
  talk.addEventListener("scroll", () => { if (atEnd()) newer.hidden = true; }, { passive: true });
  newer.append(sign("M12 4v15M5 12.5l7 7 7-7"));
  newer.setAttribute("aria-label", say.new);
  newer.addEventListener("click", () => { toEnd(); talk.focus(); });
  addEventListener("resize", () => { if (document.activeElement === field) toEnd(); });

  // --- the head -----------------------------------------------------------------------------------------------------

  const emblem = document.querySelector(".emblem");
  if (emblem.dataset.src) {
    const picture = make("img");
    picture.alt = "";
    picture.src = emblem.dataset.src;
    emblem.replaceChildren(picture);
  }
  if (framed) {
    const close = () => parent.postMessage("gem-saathi:close", "*");
    at("close").hidden = false;
    at("close").addEventListener("click", close);
    addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  }

  // --- beginning ----------------------------------------------------------------------------------------------------

  talk.setAttribute("aria-busy", "true");
  talk.append(build({ ...config.greeting, at: 0 }));
  tell(say.connecting);
  listen();
})();
