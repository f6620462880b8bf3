"""Opening, saving, reports and sessions."""
