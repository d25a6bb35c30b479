"""Nothing is lost: commands under way while something breaks, and a judge of what came of them.

In the manner of Jepsen (https://jepsen.io), in three parts that know nothing of each other: the
workload sends commands and reads, the nemesis breaks things, and the checker judges. What they
share is the history (history.py), which is kept, so that it can be judged again.
"""
