"""One module for each command; `unasked.cli` names them by string."""
