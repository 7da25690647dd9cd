"""The buses under the drivers: bytes and states, nothing about what they mean."""
