3 hosts; web desired=4 min=50 max=100
deploy
  start a1 on h1, a2 on h2, a3 on h3, a4 on h1
  deployment a: PRIMARY, 4 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 4 tasks: (task a1) (task a2) (task a3) (task a4).
  why: 4 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
go on
  ...
  deployment a: PRIMARY, 4 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 4 desired, at least 2 healthy and at most 4 in all: 4 stay (4 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
# No room under the ceiling: half of the old tasks make some.
deploy
  stop a1 a2: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment b: PRIMARY, 4 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has stopped 2 running tasks: (task a1) (task a2).
  why: 4 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 4 leave, 0 are stopping. 4 more wait for room under the ceiling of 4. Stops 2 healthy, those where there are most first. No healthy task can be spared above the floor of 2.
go on
  ...
  start b1 on h2, b2 on h1
  event: (service web) has started 2 tasks: (task b1) (task b2).
  why: 4 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 2 leave, 0 are stopping. 2 more wait for room under the ceiling of 4. No healthy task can be spared above the floor of 2.
  ...
  stop a4 a3: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 0 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) has stopped 2 running tasks: (task a4) (task a3).
  why: 4 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 2 leave, 0 are stopping. 2 more wait for room under the ceiling of 4. Stops 2 healthy, those where there are most first.
  ...
  start b3 on h3, b4 on h1
  event: (service web) has started 2 tasks: (task b3) (task b4).
  why: 4 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping.
  ...
  deployment b: PRIMARY, 4 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment a is gone
  event: (service web) (deployment b) deployment completed.
  event: (service web) has reached a steady state.
  why: 4 desired, at least 2 healthy and at most 4 in all: 4 stay (4 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
