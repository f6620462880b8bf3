"""What the user is told."""

from __future__ import annotations

from dataclasses import replace

from viewer.ui.engine.app_state import AppState, Message
from viewer.ui.engine.store import update


@update
def show_error(state: AppState, text: str) -> AppState:
    """Say what went wrong; it stays until the user goes on."""
    return _with_message(state, Message("error", text))


@update
def show_info(state: AppState, text: str) -> AppState:
    """Say what went well, for a moment."""
    return _with_message(state, Message("info", text))


@update
def show_prompt(state: AppState, text: str, command: str) -> AppState:
    """Say what has happened, with a button for the command of this name; it stays until it is answered."""
    return _with_message(state, Message("prompt", text, command))


def _with_message(state: AppState, message: Message) -> AppState:
    count = state.message_count + 1
    return replace(state, message=replace(message, number=count), message_count=count)


@update
def dismiss(state: AppState) -> AppState:
    """Take the message away."""
    return replace(state, message=None)


def gone_on(state: AppState) -> AppState:
    """Without a message that the user has gone on from. A prompt stays."""
    return state if state.message is None or state.message.kind == "prompt" else replace(state, message=None)
