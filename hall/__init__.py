"""The kernel: the hall's vocabulary, its time, its configuration, its errors and its ports.

Everything else imports from here and nothing here imports from elsewhere in the project.
No sockets, no database, no media library: only the standard library, pydantic and a YAML reader.
"""
