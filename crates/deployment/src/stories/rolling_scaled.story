3 hosts; web desired=4 min=100 max=150
deploy
  start a1 on h1, a2 on h2, a3 on h3, a4 on h1
  deployment a: PRIMARY, 4 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 4 tasks: (task a1) (task a2) (task a3) (task a4).
  why: 4 desired, at least 4 healthy and at most 6 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
go on
  ...
  deployment a: PRIMARY, 4 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 4 desired, at least 4 healthy and at most 6 in all: 4 stay (4 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
deploy
  start b1 on h2, b2 on h3
  deployment b: PRIMARY, 4 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 2 tasks: (task b1) (task b2).
  why: 4 desired, at least 4 healthy and at most 6 in all: 0 stay (0 healthy), 4 leave, 0 are stopping. 2 more wait for room under the ceiling of 6. No healthy task can be spared above the floor of 4.
# Both revisions grow, lest the service depend on one that may never run.
desired 6
  start a5 on h1, a6 on h2, b3 on h3
  deployment a: ACTIVE, 6 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment b: PRIMARY, 6 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 2 tasks: (task a5) (task a6).
  event: (service web) has started 1 tasks: (task b3).
  why: 6 desired, at least 6 healthy and at most 9 in all: 2 stay (0 healthy), 4 leave, 0 are stopping. 3 more wait for room under the ceiling of 9. No healthy task can be spared above the floor of 6.
run b1
  stop a5: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 5 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) stopped 1 pending tasks.
  why: 6 desired, at least 6 healthy and at most 9 in all: 3 stay (1 healthy), 6 leave, 0 are stopping. 3 more wait for room under the ceiling of 9. Stops 1 not yet healthy, those where there are most first. No healthy task can be spared above the floor of 6.
# And down again.
desired 3
  stop a6 a3 a1: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment b: PRIMARY, 3 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) stopped 1 pending tasks.
  event: (service web) has stopped 2 running tasks: (task a3) (task a1).
  why: 3 desired, at least 3 healthy and at most 4 in all: 3 stay (1 healthy), 5 leave, 1 are stopping. Stops 1 not yet healthy, 2 healthy, those where there are most first.
go on
  ...
  stop a2 a4: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 0 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) has stopped 2 running tasks: (task a2) (task a4).
  why: 3 desired, at least 3 healthy and at most 4 in all: 3 stay (3 healthy), 2 leave, 0 are stopping. Stops 2 healthy, those where there are most first.
  ...
  deployment b: PRIMARY, 3 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment a is gone
  event: (service web) (deployment b) deployment completed.
  event: (service web) has reached a steady state.
  why: 3 desired, at least 3 healthy and at most 4 in all: 3 stay (3 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
