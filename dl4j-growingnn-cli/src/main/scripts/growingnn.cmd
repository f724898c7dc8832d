@echo off
rem Starts growingnn. Java's own options go into JAVA_OPTS, for example set JAVA_OPTS=-Xmx8g, and jars
rem of one's own, such as Spark's, into GROWINGNN_CLASSPATH.
setlocal
set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java"

rem Small networks are computed faster by one thread for each search worker, and results repeat.
if not defined OMP_NUM_THREADS set "OMP_NUM_THREADS=1"

rem What only looks at models starts in half of the time if nothing is optimised for long runs.
set "START="
for %%C in (inspect report doctor generate-completion -h --help -V --version) do if "%~1"=="%%C" set "START=-XX:TieredStopAtLevel=1"

set "CP="
if defined GROWINGNN_CLASSPATH set "CP=%GROWINGNN_CLASSPATH%;"

rem Without a limit, JavaCPP need not ask the system for the process's memory at every allocation.
"%JAVA%" -Dorg.bytedeco.javacpp.maxPhysicalBytes=0 %START% %JAVA_OPTS% -classpath "%CP%%~dp0growingnn.jar" org.growingnn.dl4j.cli.GrowingnnCommand %*
exit /b %ERRORLEVEL%
