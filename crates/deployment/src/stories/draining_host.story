3 hosts 2cpu 8gib; web desired=4 min=100 max=150
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
drain h1
  start a5 on h2, a6 on h3
  event: (service web) has started 2 tasks: (task a5) (task a6).
  why: 4 desired, at least 4 healthy and at most 6 in all: 2 stay (2 healthy), 2 leave, 0 are stopping.
go on
  ...
  stop a1 a4: Task stopped because its container instance is draining
  event: (service web) has stopped 2 running tasks: (task a1) (task a4).
  why: 4 desired, at least 4 healthy and at most 6 in all: 4 stay (4 healthy), 2 leave, 0 are stopping. Stops 2 healthy, those where there are most first.
  ...
  event: (service web) has reached a steady state.
  why: 4 desired, at least 4 healthy and at most 6 in all: 4 stay (4 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
tasks
  a2 RUNNING on h2
  a3 RUNNING on h3
  a5 RUNNING on h2
  a6 RUNNING on h3
