"""Finding cameras that speak ONVIF, and what to write about them into hall.yaml."""
