"""The webhook: each flip as signed JSON to an address. The notifier to copy."""
