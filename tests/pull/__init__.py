"""Pulling, against a real HTTP server on loopback that can be told to misbehave."""
