"""graphmatch: where abusive accounts move between platforms, with reasons, review and restraint.

Import rooms from their modules (``from graphmatch.link import link``); this package itself imports nothing, so that
starting it costs nothing.
"""

__version__ = "0.1.0"
