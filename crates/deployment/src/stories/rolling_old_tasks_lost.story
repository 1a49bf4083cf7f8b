3 hosts; web desired=3 min=100 max=200
deploy
  start a1 on h1, a2 on h2, a3 on h3
  deployment a: PRIMARY, 3 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 3 tasks: (task a1) (task a2) (task a3).
  why: 3 desired, at least 3 healthy and at most 6 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
go on
  ...
  deployment a: PRIMARY, 3 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 3 desired, at least 3 healthy and at most 6 in all: 3 stay (3 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
deploy
  start b1 on h1, b2 on h2, b3 on h3
  deployment b: PRIMARY, 3 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 3 tasks: (task b1) (task b2) (task b3).
  why: 3 desired, at least 3 healthy and at most 6 in all: 0 stay (0 healthy), 3 leave, 0 are stopping.
# The new revision does not run yet. What the old one loses is replaced by the old one.
wait 1m
  nothing to do
  why: 3 desired, at least 3 healthy and at most 6 in all: 3 stay (0 healthy), 3 leave, 0 are stopping.
fail a1
  start a4 on h1
  event: (service web) has started 1 tasks: (task a4).
  why: 3 desired, at least 3 healthy and at most 6 in all: 3 stay (0 healthy), 2 leave, 0 are stopping.
run a4
  why: 3 desired, at least 3 healthy and at most 6 in all: 3 stay (0 healthy), 3 leave, 0 are stopping.
fail b1 b2 b3
  deployment b: PRIMARY, 3 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, 3 failed
  why: 3 desired, at least 3 healthy and at most 6 in all: 0 stay (0 healthy), 3 leave, 0 are stopping. Tasks of b failed to start 1 times in a row; the next attempt is due at 00:01:05Z.
  again at 00:01:05Z
wait 5s
  start b4 on h1, b5 on h2, b6 on h3
  event: (service web) has started 3 tasks: (task b4) (task b5) (task b6).
  why: 3 desired, at least 3 healthy and at most 6 in all: 0 stay (0 healthy), 3 leave, 0 are stopping.
go on
  ...
  stop a4 a2 a3: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 0 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment b: PRIMARY, 3 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has stopped 3 running tasks: (task a4) (task a2) (task a3).
  why: 3 desired, at least 3 healthy and at most 6 in all: 3 stay (3 healthy), 3 leave, 0 are stopping. Stops 3 healthy, those where there are most first.
  ...
  deployment b: PRIMARY, 3 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment a is gone
  event: (service web) (deployment b) deployment completed.
  event: (service web) has reached a steady state.
  why: 3 desired, at least 3 healthy and at most 6 in all: 3 stay (3 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:01:05Z
