// Puts the chat on a website: <script src="https://CHAT/widget.js" defer></script>. A round button opens it in a window.
(() => {
  "use strict";
  const own = document.currentScript;
  if (!own || document.getElementById("gem-saathi")) return;
  const chat = new URL("./", own.src);
  const said = /*window*/;
  const style = (element, rules) => { for (const name in rules) element.style.setProperty(name, rules[name]); };
  const svg = (path) => {
    const space = "http://www.w3.org/2000/svg";
    const picture = document.createElementNS(space, "svg");
    picture.setAttribute("viewBox", "0 0 32 32");
    picture.setAttribute("aria-hidden", "true");
    style(picture, { width: "30px", height: "30px" });
    const line = document.createElementNS(space, "path");
    for (const [name, value] of [["d", path], ["fill", "none"], ["stroke", "currentColor"], ["stroke-width", "2.4"],
      ["stroke-linejoin", "round"], ["stroke-linecap", "round"]]) line.setAttribute(name, value);
    picture.append(line);
    return picture;
  };

  const button = document.createElement("button");
  button.id = "gem-saathi";
  button.type = "button";
  button.title = said.open;
  button.setAttribute("aria-label", said.open);
  button.setAttribute("aria-expanded", "false");
  button.append(svg("M5 6h22v16H14l-6 5v-5H5z M10 12h12 M10 16.5h8"));
  style(button, {
    all: "initial", position: "fixed", right: "20px", bottom: "20px", width: "60px", height: "60px",
    display: "grid", "place-items": "center", "border-radius": "50%", cursor: "pointer", "z-index": "2147483000",
    background: said.colour, color: said.text, "box-shadow": "0 2px 10px rgba(0,0,0,.35)", "box-sizing": "border-box",
    border: "2px solid #fff",
  });
  const ring = (shown) => style(button, { outline: shown ? "3px solid #1a73e8" : "none", "outline-offset": "2px" });
  button.addEventListener("focus", () => ring(button.matches(":focus-visible")));
  button.addEventListener("blur", () => ring(false));

  const narrow = matchMedia("(max-width: 480px), (max-height: 520px)");
  let frame = null;
  const place = () => frame && style(frame, narrow.matches
    ? { inset: "0", width: "100%", height: "100%", "max-height": "none", "border-radius": "0" }
    : { inset: "auto 20px 92px auto", width: "390px", height: "640px", "max-height": "calc(100vh - 112px)",
      "border-radius": "14px" });

  const show = (shown) => {
    if (shown && !frame) {
      frame = document.createElement("iframe");
      frame.title = said.title;
      frame.src = new URL("./?window", chat).href;
      style(frame, {
        all: "initial", position: "fixed", border: "0", "z-index": "2147483001", background: "#fff",
        "box-shadow": "0 6px 30px rgba(0,0,0,.35)", "color-scheme": "light dark",
      });
      button.after(frame);
      place();
    }
    style(frame, { display: shown ? "block" : "none" });
    button.setAttribute("aria-expanded", String(shown));
    button.setAttribute("aria-label", shown ? said.close : said.open);
    if (shown) frame.focus(); else button.focus();
  };
  button.addEventListener("click", () => show(button.getAttribute("aria-expanded") !== "true"));
  narrow.addEventListener("change", place);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && frame && button.getAttribute("aria-expanded") === "true") show(false);
  });
  // The window asks to be closed; it says nothing else.
  addEventListener("message", (event) => {
    const ours = frame && event.source === frame.contentWindow && event.origin === chat.origin;
    if (ours && event.data === "gem-saathi:close") show(false);
  });
  document.body.append(button);
})();
