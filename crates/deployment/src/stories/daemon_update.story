4 hosts; web daemon min=50
deploy
  start a1 on h1, a2 on h2, a3 on h3, a4 on h4
  deployment a: PRIMARY, 4 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 4 tasks: (task a1) (task a2) (task a3) (task a4).
  why: 4 hosts to run on, at least 2 healthy: 0 have the current task (0 healthy), 0 another.
go on
  ...
  deployment a: PRIMARY, 4 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 4 hosts to run on, at least 2 healthy: 4 have the current task (4 healthy), 0 another. The service is steady.
  again at 06:00:00Z
# Half of the hosts at a time, and never two tasks on one.
deploy
  stop a1 a2: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 0 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment b: PRIMARY, 4 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has stopped 2 running tasks: (task a1) (task a2).
  why: 4 hosts to run on, at least 2 healthy: 0 have the current task (0 healthy), 4 another. No healthy task can be spared above the floor of 2.
gone
  start b1 on h1, b2 on h2
  event: (service web) has started 2 tasks: (task b1) (task b2).
  why: 4 hosts to run on, at least 2 healthy: 0 have the current task (0 healthy), 2 another. No healthy task can be spared above the floor of 2.
run
  stop a3 a4: Scaling activity initiated by (deployment a)
  event: (service web) has stopped 2 running tasks: (task a3) (task a4).
  why: 4 hosts to run on, at least 2 healthy: 2 have the current task (2 healthy), 2 another.
gone
  start b3 on h3, b4 on h4
  event: (service web) has started 2 tasks: (task b3) (task b4).
  why: 4 hosts to run on, at least 2 healthy: 2 have the current task (2 healthy), 0 another.
run
  deployment b: PRIMARY, 4 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment a is gone
  event: (service web) (deployment b) deployment completed.
  event: (service web) has reached a steady state.
  why: 4 hosts to run on, at least 2 healthy: 4 have the current task (4 healthy), 0 another. The service is steady.
  again at 06:00:00Z
