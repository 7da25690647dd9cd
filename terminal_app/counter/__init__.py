"""The counter without a screen: its machine, who stands before it, the thread that runs both."""
