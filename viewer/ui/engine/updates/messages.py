"""What the user is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from viewer.ui.engine.app_state import AppState, Message
from viewer.ui.engine.store import update


@update
def say(state: AppState, kind: Literal["error", "info", "prompt"], text: str, command: str = "") -> AppState:
    """Tell the user something. command: of a prompt, what its button does."""
    count = state.message_count + 1
    return replace(state, message=Message(kind, text, command, count), message_count=count)


@update
def dismiss(state: AppState) -> AppState:
    """Take the message away."""
    return replace(state, message=None)


def gone_on(state: AppState) -> AppState:
    """Without a message that the user has gone on from. A prompt stays."""
    return state if state.message is None or state.message.kind == "prompt" else replace(state, message=None)
