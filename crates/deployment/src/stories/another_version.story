3 hosts 2cpu 8gib; web desired=3 min=100 max=200
deploy
  start a1 on h1, a2 on h2, a3 on h3
  deployment a: PRIMARY, 3 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 3 tasks: (task a1) (task a2) (task a3).
  why: 3 desired, at least 3 healthy and at most 6 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
run
  deployment a: PRIMARY, 3 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 3 desired, at least 3 healthy and at most 6 in all: 3 stay (3 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
strays a2
  start a4 on h1
  event: (service web) has started 1 tasks: (task a4).
  why: 3 desired, at least 3 healthy and at most 6 in all: 2 stay (2 healthy), 1 leave, 0 are stopping.
go on
  ...
  stop a2: Scaling activity initiated by (deployment a)
  event: (service web) has stopped 1 running tasks: (task a2).
  why: 3 desired, at least 3 healthy and at most 6 in all: 3 stay (3 healthy), 1 leave, 0 are stopping. Stops 1 healthy, those where there are most first.
  ...
  event: (service web) has reached a steady state.
  why: 3 desired, at least 3 healthy and at most 6 in all: 3 stay (3 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
tasks
  a1 RUNNING on h1
  a3 RUNNING on h3
  a4 RUNNING on h1
