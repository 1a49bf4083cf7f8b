2 hosts; web daemon
deploy
  start a1 on h1, a2 on h2
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 2 tasks: (task a1) (task a2).
  why: 2 hosts to run on, at least 0 healthy: 0 have the current task (0 healthy), 0 another.
go on
  ...
  deployment a: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 2 hosts to run on, at least 0 healthy: 2 have the current task (2 healthy), 0 another. The service is steady.
  again at 06:00:00Z
join h3 zone-b
  start a3 on h3
  deployment a: PRIMARY, 3 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) has started 1 tasks: (task a3).
  why: 3 hosts to run on, at least 0 healthy: 2 have the current task (2 healthy), 0 another.
run
  event: (service web) has reached a steady state.
  why: 3 hosts to run on, at least 0 healthy: 3 have the current task (3 healthy), 0 another. The service is steady.
  again at 06:00:00Z
# A task that fails is replaced on its host.
wait 1m
  nothing to do
  why: 3 hosts to run on, at least 0 healthy: 3 have the current task (3 healthy), 0 another. The service is steady.
fail a2
  start a4 on h2
  event: (service web) has started 1 tasks: (task a4).
  why: 3 hosts to run on, at least 0 healthy: 2 have the current task (2 healthy), 0 another.
run
  event: (service web) has reached a steady state.
  why: 3 hosts to run on, at least 0 healthy: 3 have the current task (3 healthy), 0 another. The service is steady.
  again at 06:01:00Z
# A host that drains loses its daemon last.
drain h1 occupied
  deployment a: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  why: 2 hosts to run on, at least 0 healthy: 3 have the current task (3 healthy), 0 another. The service is steady.
  again at 06:01:00Z
drain h1
  stop a1: Task stopped because its container instance is draining
  event: (service web) has stopped 1 running tasks: (task a1).
  why: 2 hosts to run on, at least 0 healthy: 2 have the current task (2 healthy), 0 another.
gone
  event: (service web) has reached a steady state.
  why: 2 hosts to run on, at least 0 healthy: 2 have the current task (2 healthy), 0 another. The service is steady.
  again at 06:01:00Z
disconnect h2
  deployment a: PRIMARY, 1 of its tasks wanted, COMPLETED, SUCCESSFUL
  why: 1 hosts to run on, at least 0 healthy: 2 have the current task (2 healthy), 0 another. The service is steady.
  again at 06:01:00Z
activate h2
  deployment a: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  why: 2 hosts to run on, at least 0 healthy: 2 have the current task (2 healthy), 0 another. The service is steady.
  again at 06:01:00Z
activate h1
  start a5 on h1
  deployment a: PRIMARY, 3 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) has started 1 tasks: (task a5).
  why: 3 hosts to run on, at least 0 healthy: 2 have the current task (2 healthy), 0 another.
run
  event: (service web) has reached a steady state.
  why: 3 hosts to run on, at least 0 healthy: 3 have the current task (3 healthy), 0 another. The service is steady.
  again at 06:01:00Z
