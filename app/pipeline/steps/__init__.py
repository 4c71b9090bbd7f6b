"""What each step of a judging does: from a delivery to check runs, labels and the record."""
