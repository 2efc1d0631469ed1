"""WhatsApp, over Meta's Cloud API."""

from bot.channels.whatsapp.channel import WhatsApp
from bot.channels.whatsapp.settings import Template, WhatsAppSettings

__all__ = ["Template", "WhatsApp", "WhatsAppSettings"]
