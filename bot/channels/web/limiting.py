"""How much one may ask: a bucket of tokens for each, which fills up again with time."""

import ipaddress
from collections import OrderedDict
from collections.abc import Callable

# Whoever has not asked for longest is forgotten first, and then has a full bucket.
_KNOWN = 20_000
# A household or an office has at least so many addresses of the sixth version.
_PREFIX = 64


class Buckets:
    """Buckets of one size."""

    def __init__(self, size: float, a_second: float, clock: Callable[[], float]) -> None:
        """Args: ``size``: tokens in a full one; ``a_second``: how fast it fills; ``clock``: seconds, ever growing."""
        self._size = size
        self._a_second = a_second
        self._clock = clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, key: str) -> float:
        """Take a token out of somebody's bucket: 0; or, where it is empty, the seconds until there is one."""
        now = self._clock()
        level, at = self._levels.pop(key, (self._size, now))
        level = min(level + (now - at) * self._a_second, self._size)
        wait = 0.0 if level >= 1 else (1 - level) / self._a_second
        self._levels[key] = (level if wait else level - 1, now)
        if len(self._levels) > _KNOWN:
            self._levels.popitem(last=False)
        return wait


def network(address: str) -> str:
    """Whom an IP address stands for: itself, or for the sixth version the network it is in."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, _PREFIX), strict=False))
    return address
