"""Questions answered from articles, with the sentence that says it cited for every statement."""

from __future__ import annotations

from qa.answer import Answer, Citation, Claim, Conflict
from qa.chat import Chat
from qa.chatbot import Chatbot
from qa.settings import Settings

__all__ = ["Answer", "Chat", "Chatbot", "Citation", "Claim", "Conflict", "Settings"]
