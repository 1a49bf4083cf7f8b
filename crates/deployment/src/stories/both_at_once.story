5 hosts; web desired=10 min=50 max=120
deploy
  start a1 on h1, a2 on h2, a3 on h3, a4 on h4, a5 on h5, a6 on h1, a7 on h2, a8 on h3, a9 on h4, a10 on h5
  deployment a: PRIMARY, 10 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 10 tasks: (task a1) (task a2) (task a3) (task a4) (task a5) (task a6) (task a7) (task a8) (task a9) (task a10).
  why: 10 desired, at least 5 healthy and at most 12 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
go on
  ...
  deployment a: PRIMARY, 10 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 10 desired, at least 5 healthy and at most 12 in all: 10 stay (10 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
# Little room under the ceiling: what there is is used, and the floor makes more.
deploy
  start b1 on h1, b2 on h2
  stop a1 a2 a3 a4 a5: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 5 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment b: PRIMARY, 10 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 2 tasks: (task b1) (task b2).
  event: (service web) has stopped 5 running tasks: (task a1) (task a2) (task a3) (task a4) (task a5).
  why: 10 desired, at least 5 healthy and at most 12 in all: 0 stay (0 healthy), 10 leave, 0 are stopping. 8 more wait for room under the ceiling of 12. Stops 5 healthy, those where there are most first. No healthy task can be spared above the floor of 5.
go on
  ...
  start b3 on h3, b4 on h4, b5 on h5, b6 on h1, b7 on h2
  stop a6 a7: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 3 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) has started 5 tasks: (task b3) (task b4) (task b5) (task b6) (task b7).
  event: (service web) has stopped 2 running tasks: (task a6) (task a7).
  why: 10 desired, at least 5 healthy and at most 12 in all: 2 stay (2 healthy), 5 leave, 0 are stopping. 3 more wait for room under the ceiling of 12. Stops 2 healthy, those where there are most first. No healthy task can be spared above the floor of 5.
  ...
  start b8 on h1, b9 on h2
  stop a8: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) has started 2 tasks: (task b8) (task b9).
  event: (service web) has stopped 1 running tasks: (task a8).
  why: 10 desired, at least 5 healthy and at most 12 in all: 7 stay (7 healthy), 3 leave, 0 are stopping. 1 more wait for room under the ceiling of 12. Stops 1 healthy, those where there are most first.
  ...
  start b10 on h3
  stop a9: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 1 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) has started 1 tasks: (task b10).
  event: (service web) has stopped 1 running tasks: (task a9).
  why: 10 desired, at least 5 healthy and at most 12 in all: 9 stay (9 healthy), 2 leave, 0 are stopping. Stops 1 healthy, those where there are most first.
  ...
  stop a10: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 0 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) has stopped 1 running tasks: (task a10).
  why: 10 desired, at least 5 healthy and at most 12 in all: 10 stay (10 healthy), 1 leave, 0 are stopping. Stops 1 healthy, those where there are most first.
  ...
  deployment b: PRIMARY, 10 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment a is gone
  event: (service web) (deployment b) deployment completed.
  event: (service web) has reached a steady state.
  why: 10 desired, at least 5 healthy and at most 12 in all: 10 stay (10 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
