3 hosts; web daemon min=100
deploy
  start a1 on h1, a2 on h2, a3 on h3
  deployment a: PRIMARY, 3 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 3 tasks: (task a1) (task a2) (task a3).
  why: 3 hosts to run on, at least 3 healthy: 0 have the current task (0 healthy), 0 another.
go on
  ...
  deployment a: PRIMARY, 3 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 3 hosts to run on, at least 3 healthy: 3 have the current task (3 healthy), 0 another. The service is steady.
  again at 06:00:00Z
unfit h2
  stop a2: Task stopped because its container instance no longer satisfies the placement constraints
  deployment a: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) has stopped 1 running tasks: (task a2).
  event: (service web) has stopped (task a2): (instance h2) no longer satisfies the placement constraints.
  why: 2 hosts to run on, at least 2 healthy: 2 have the current task (2 healthy), 0 another.
gone
  event: (service web) has reached a steady state.
  why: 2 hosts to run on, at least 2 healthy: 2 have the current task (2 healthy), 0 another. The service is steady.
  again at 06:00:00Z
# With a floor of 100 percent nothing can be replaced.
deploy
  deployment a: ACTIVE, 0 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment b: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.
  why: 2 hosts to run on, at least 2 healthy: 0 have the current task (0 healthy), 2 another. No healthy task can be spared above the floor of 2. Stuck: no task may be stopped above the floor of 2, and none started under the ceiling of 2.
  again at 06:00:00Z
fit h2
  start b1 on h2
  deployment b: PRIMARY, 3 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 1 tasks: (task b1).
  why: 3 hosts to run on, at least 3 healthy: 0 have the current task (0 healthy), 2 another. No healthy task can be spared above the floor of 3.
go on
  ...
  event: (service web) was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.
  why: 3 hosts to run on, at least 3 healthy: 1 have the current task (1 healthy), 2 another. No healthy task can be spared above the floor of 3. Stuck: no task may be stopped above the floor of 3, and none started under the ceiling of 3.
  again at 06:00:00Z
