"""What is kept between two runs, so that the second is nearly free. It comes from outside: everything is examined."""
