"""Knowing who pays on a page: what a channel offers besides `Channel` when its app tells it."""

from typing import Protocol, runtime_checkable


@runtime_checkable
class SignsIn(Protocol):
    """A channel whose page (`Way.PAGE`) has to know its payer, and asks the payer's app."""

    def sign_in_url(self, return_url: str) -> str:
        """Where the app is sent; it comes back to `return_url` with `code` and `state`, whose value
        is the page's to fill in. "" when this account cannot tell who somebody is.
        """

    def payer_of(self, code: str) -> str:
        """The provider's own id of who came back with `code`; "" when it does not say."""
