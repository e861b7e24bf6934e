"""Flaws: where attacker's data enters, where it does harm, and what shows that it can't."""
