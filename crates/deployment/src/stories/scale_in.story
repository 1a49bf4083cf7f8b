4 hosts in 2 zones; web desired=6
deploy
  start a1 on h1, a2 on h2, a3 on h3, a4 on h4, a5 on h1, a6 on h2
  deployment a: PRIMARY, 6 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 6 tasks: (task a1) (task a2) (task a3) (task a4) (task a5) (task a6).
  why: 6 desired, at least 6 healthy and at most 12 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
go on
  ...
  deployment a: PRIMARY, 6 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 6 desired, at least 6 healthy and at most 12 in all: 6 stay (6 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
tasks
  a1 RUNNING on h1
  a2 RUNNING on h2
  a3 RUNNING on h3
  a4 RUNNING on h4
  a5 RUNNING on h1
  a6 RUNNING on h2
# From the zone, then the instance, with the most tasks; then the youngest.
desired 3
  stop a1 a2 a3: Scaling activity initiated by (deployment a)
  deployment a: PRIMARY, 3 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) has stopped 3 running tasks: (task a1) (task a2) (task a3).
  why: 3 desired, at least 3 healthy and at most 6 in all: 6 stay (6 healthy), 0 leave, 0 are stopping. Stops 3 healthy, those where there are most first.
go on
  ...
  event: (service web) has reached a steady state.
  why: 3 desired, at least 3 healthy and at most 6 in all: 3 stay (3 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
wait 1m
  nothing to do
  why: 3 desired, at least 3 healthy and at most 6 in all: 3 stay (3 healthy), 0 leave, 0 are stopping. The service is steady.
desired 6
  start a7 on h3, a8 on h1, a9 on h2
  deployment a: PRIMARY, 6 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) has started 3 tasks: (task a7) (task a8) (task a9).
  why: 6 desired, at least 6 healthy and at most 12 in all: 3 stay (3 healthy), 0 leave, 0 are stopping.
go on
  ...
  event: (service web) has reached a steady state.
  why: 6 desired, at least 6 healthy and at most 12 in all: 6 stay (6 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:01:00Z
desired 4
  stop a8 a9: Scaling activity initiated by (deployment a)
  deployment a: PRIMARY, 4 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) has stopped 2 running tasks: (task a8) (task a9).
  why: 4 desired, at least 4 healthy and at most 8 in all: 6 stay (6 healthy), 0 leave, 0 are stopping. Stops 2 healthy, those where there are most first.
desired 0
  stop a7 a4 a5 a6: Scaling activity initiated by (deployment a)
  deployment a: PRIMARY, 0 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) has stopped 4 running tasks: (task a7) (task a4) (task a5) (task a6).
  why: 0 desired, at least 0 healthy and at most 0 in all: 4 stay (4 healthy), 0 leave, 2 are stopping. Stops 4 healthy, those where there are most first.
go on
  ...
  event: (service web) has reached a steady state.
  why: 0 desired, at least 0 healthy and at most 0 in all: 0 stay (0 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:01:00Z
