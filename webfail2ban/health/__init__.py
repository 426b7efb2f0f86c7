"""How the program is: counted, told to Prometheus and systemd, watched for what goes wrong."""
