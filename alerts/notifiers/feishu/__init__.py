"""Feishu 飞书: messages to a group by its robot."""
