"""The simulated city hall: recorded changes, day by day, through the same rooms as in service."""
