"""What flows where: the project's code is run on abstract values; `linking` begins it."""
