"""DingTalk 钉钉: messages to a group by its robot."""
