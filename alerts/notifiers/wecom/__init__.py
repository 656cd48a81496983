"""WeCom 企业微信: messages to a group by its robot."""
