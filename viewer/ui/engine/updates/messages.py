"""Updates of the message to the user."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from viewer.ui.engine.app_state import AppState, Message
from viewer.ui.engine.store import update


@update
def show_error(state: AppState, text: str) -> AppState:
    """Show an error; it stays until the user does something else."""
    return _with_message(state, Message("error", text))


@update
def show_info(state: AppState, text: str) -> AppState:
    """Show a success for a moment."""
    return _with_message(state, Message("info", text))


@update
def show_saved(state: AppState, text: str, path: Path) -> AppState:
    """Show what was saved; the file, or the folder of several, can be opened from the message and afterwards."""
    return replace(_with_message(state, Message("info", text, saved=True)), saved=path)


@update
def show_prompt(state: AppState, text: str, command: str) -> AppState:
    """Show what has happened, with a button for the command of this name; it stays until answered."""
    return _with_message(state, Message("prompt", text, command))


def _with_message(state: AppState, message: Message) -> AppState:
    count = state.message_count + 1
    return replace(state, message=replace(message, number=count), message_count=count)


@update
def dismiss(state: AppState) -> AppState:
    """Remove the message."""
    return replace(state, message=None)


def gone_on(state: AppState) -> AppState:
    """Remove a message that the user has moved on from. A prompt stays."""
    return state if state.message is None or state.message.kind == "prompt" else replace(state, message=None)
