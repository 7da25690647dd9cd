"""The enrolment desk without Qt: who, their consent, their face, and taking both back."""
