"""Live view: a role of its own that hands a camera's packets to browsers over WebRTC, pictures untouched."""
