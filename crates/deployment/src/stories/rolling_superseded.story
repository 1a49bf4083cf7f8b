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
run b1
  stop a1: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) has stopped 1 running tasks: (task a1).
  why: 3 desired, at least 3 healthy and at most 6 in all: 3 stay (1 healthy), 3 leave, 0 are stopping. Stops 1 healthy, those where there are most first.
# A third revision before the second is done: the second's tasks go first, and the service never
# depends on it.
deploy
  stop b2 b3: Scaling activity initiated by (deployment b)
  deployment b: ACTIVE, 1 of its tasks wanted, IN_PROGRESS, STOPPED
  deployment c: PRIMARY, 3 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) stopped 2 pending tasks.
  why: 3 desired, at least 3 healthy and at most 6 in all: 0 stay (0 healthy), 5 leave, 1 are stopping. 3 more wait for room under the ceiling of 6. Stops 2 not yet healthy, those where there are most first.
go on
  ...
  start c1 on h1, c2 on h2, c3 on h3
  event: (service web) has started 3 tasks: (task c1) (task c2) (task c3).
  why: 3 desired, at least 3 healthy and at most 6 in all: 0 stay (0 healthy), 3 leave, 0 are stopping.
  ...
  stop a2 a3: Scaling activity initiated by (deployment a)
  stop b1: Scaling activity initiated by (deployment b)
  deployment a: ACTIVE, 0 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment b: ACTIVE, 0 of its tasks wanted, IN_PROGRESS, STOPPED
  event: (service web) has stopped 3 running tasks: (task b1) (task a2) (task a3).
  why: 3 desired, at least 3 healthy and at most 6 in all: 3 stay (3 healthy), 3 leave, 0 are stopping. Stops 3 healthy, those where there are most first.
  ...
  deployment c: PRIMARY, 3 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment a is gone
  deployment b is gone
  event: (service web) (deployment c) deployment completed.
  event: (service web) has reached a steady state.
  why: 3 desired, at least 3 healthy and at most 6 in all: 3 stay (3 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
