"""Everything Qt. shell over presenters over the widget rooms (independent of one another) over engine over common."""
