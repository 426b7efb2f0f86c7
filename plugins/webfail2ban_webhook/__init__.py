"""The plugin ``webhook``: tells web services of bans and their ends; and ``apprise``: mail, chat.

A ban never waits for any of it: the hooks only put a message into a mailbox, and a greenlet of its
own empties each, with patience for receivers that fail. What waits goes over to the next plugin at
a reload; it doesn't outlive the process.
"""

from webfail2ban_webhook.settings import WebhookSettings, WebhooksSettings
from webfail2ban_webhook.webhook import Webhook

__all__ = ["Webhook", "WebhookSettings", "WebhooksSettings"]
