"""What is seen in pictures: payment codes and faces."""
