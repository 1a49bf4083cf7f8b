3 hosts 2cpu 8gib; web daemon min=50
deploy
  start a1 on h1, a2 on h2, a3 on h3
  deployment a: PRIMARY, 3 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 3 tasks: (task a1) (task a2) (task a3).
  why: 3 hosts to run on, at least 2 healthy: 0 have the current task (0 healthy), 0 another.
go on
  ...
  deployment a: PRIMARY, 3 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 3 hosts to run on, at least 2 healthy: 3 have the current task (3 healthy), 0 another. The service is steady.
  again at 06:00:00Z
strays a2
  stop a2: Scaling activity initiated by (deployment a)
  event: (service web) has stopped 1 running tasks: (task a2).
  why: 3 hosts to run on, at least 2 healthy: 2 have the current task (2 healthy), 1 another.
go on
  ...
  start a4 on h2
  event: (service web) has started 1 tasks: (task a4).
  why: 3 hosts to run on, at least 2 healthy: 2 have the current task (2 healthy), 0 another.
  ...
  event: (service web) has reached a steady state.
  why: 3 hosts to run on, at least 2 healthy: 3 have the current task (3 healthy), 0 another. The service is steady.
  again at 06:00:00Z
tasks
  a1 RUNNING on h1
  a3 RUNNING on h3
  a4 RUNNING on h2
