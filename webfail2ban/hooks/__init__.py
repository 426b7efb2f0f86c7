"""What plugins and the program may ask of each other."""
