"""What stands behind each verb of the command line. No mathematics: it calls, it shows, it reports."""
