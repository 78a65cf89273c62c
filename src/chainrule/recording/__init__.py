"""What happened when a function ran: the program that it was, with values, gradients, lines and names."""
