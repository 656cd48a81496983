"""A light or a loudspeaker that is switched over HTTP."""
