"""From a wrong answer to what happened and what to try; from a right one to what it shows.

``diagnosis.explain`` is asked why an answer is wrong. It looks, in this order:

1. ``rounding``: whether rounded numbers stand for others, and then at what those show;
2. ``diagnosis``: for the answer among the wrong ones that the exercise lists;
3. ``near_misses``: how far it is from a listed solution;
4. ``slips`` for numbers, ``slopes`` for a loss, ``mistakes`` for an input that does not come back;
5. at what the check itself found, with a tip of the exercise.

``remarks`` tells what a right answer shows.
"""
