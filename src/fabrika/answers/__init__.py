"""What needs several rooms: the board, what needs attention, the journal, amendments."""
